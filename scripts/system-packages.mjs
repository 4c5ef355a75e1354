#!/usr/bin/env node
// Installs the build dependencies of the native backend. Never fails: without it the portable backend does the work. Quick when there is nothing to do.
import { existsSync } from 'node:fs';
import { installDebianPackages, runs } from './debian-packages.mjs';

const HEADERS = [
  '/usr/include/oneapi/dnnl/dnnl.hpp',
  '/usr/include/dnnl.hpp',
  '/usr/local/include/oneapi/dnnl/dnnl.hpp',
];

if (isNeeded()) installDebianPackages(['g++', 'libdnnl-dev'], 'the native backend', 'system-packages');

function isNeeded() {
  if (process.env.ONEDNN_ROOT) return false;
  return !runs('which', ['g++']) || !HEADERS.some((header) => existsSync(header));
}
