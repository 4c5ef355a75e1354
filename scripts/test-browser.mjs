#!/usr/bin/env node
// Installs Chromium for the tests of the report and of the live page. Never fails: without it, those tests are skipped with the reason. Quick when
// there is nothing to do.
import { existsSync } from 'node:fs';
import { installDebianPackages } from './debian-packages.mjs';

if (!existsSync('/usr/bin/chromium')) {
  installDebianPackages(['chromium'], 'the tests of the live page', 'test-browser');
}
