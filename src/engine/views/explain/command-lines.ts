import { describeCommand } from '../../pipeline/stages/command.ts';
import type { PlanStage } from '../../plan/plan.ts';

/** What a command is, and what its keys cannot hold; nothing for a module. */
export function commandLines({ program }: Pick<PlanStage, 'program'>): readonly string[] {
  if (program.kind !== 'command') return [];
  return [
    `command: ${describeCommand(program)}`,
    'reads not tracked: what the program opens outside of its folder is in no key',
    'environment not tracked: another version of the program, or of a library, reruns nothing',
  ];
}
