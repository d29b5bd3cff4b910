import type { Command } from '../cli/run.js';
import { applyCommand } from './apply/index.js';
import { completionCommand } from './completion.js';
import { demoCommand } from './demo/index.js';
import { doctorCommand } from './doctor/index.js';
import { emulatorCommand } from './emulator/index.js';
import { explainCommand } from './explain/index.js';
import { importCommand } from './import/index.js';
import { planCommand } from './plan/index.js';
import { schemaCommand } from './schema.js';
import { showCommand } from './show/index.js';
import { statusCommand } from './status/index.js';
import { testCommand } from './test/index.js';
import { validateCommand } from './validate/index.js';
import { versionCommand } from './version.js';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  validateCommand,
  planCommand,
  applyCommand,
  showCommand,
  importCommand,
  statusCommand,
  testCommand,
  doctorCommand,
  schemaCommand,
  emulatorCommand,
  demoCommand,
  explainCommand,
  completionCommand,
  versionCommand,
];
