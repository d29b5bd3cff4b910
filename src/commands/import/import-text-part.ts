import { diskFiles } from '../../config/disk.js';
import { newDocument, newFile } from './import-yaml.js';
import { mergeInto } from './import-merge.js';
import { HookwrightError } from '../../core/errors.js';
import type { Imported } from './import-entries.js';
import { readDesired } from '../../cli/desired-state.js';
import type { Target } from './import-target.js';
import type { Run } from '../../cli/run.js';

/** Returns the text of the file with the imported entries, or `undefined` if it does not change. */
export function importedText(target: Target, imported: Imported): string | undefined {
  const { text = '', accountId, document } = target;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (!document) {
    return target.hasDocuments
      ? `${before}---\n${newDocument(accountId, imported)}`
      : `${before}${newFile(accountId, imported)}`;
  }
  if (imported.entries.length + imported.ignored.length === 0) return undefined;
  const merged = mergeInto(text, document.index, imported);
  if (merged !== undefined) return merged;
  throw new HookwrightError(
    'usage',
    `${document.desired.source}: entries cannot be added to the list of webhooks as it is written, for example as an alias. ` +
      'Run import without -f to print all live webhooks, and copy the missing ones.',
  );
}

/** Loads the new text as `validate` would, and throws if it is not valid, so that it is not written. */
export async function refuseInvalid(run: Run, path: string, text: string): Promise<void> {
  const disk = diskFiles(run.io);
  const files = {
    ...disk,
    readFile: (file: string) => (file === path ? Promise.resolve(Buffer.from(text)) : disk.readFile(file)),
  };
  const options = { ...run.options, file: [path] };
  const { diagnostics } = await readDesired({ ...run, options }, { needAccountId: false, files });
  const fault = diagnostics.find(({ severity }) => severity === 'error');
  if (!fault) return;
  const where = `line ${fault.line} of the new text: ${fault.message}`;
  throw new HookwrightError(
    'internal',
    `Nothing was written because the result would not be valid (${where}).`,
  );
}
