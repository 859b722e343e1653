/** What a new run may be called. No DOM. The kernel decides again: it knows every run. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICheckpointRef } from './cells';
import { NAME_PATTERN } from './tokens';

const LONGEST = 100;

/** Why a new run may not be called so, as a sentence; null where it may. */
export function refusalOf(
  name: string,
  taken: readonly string[],
  trans: TranslationBundle
): string | null {
  if (!new RegExp(`^${NAME_PATTERN}$`).test(name)) {
    return trans.__(
      'Use 1 to 100 letters, digits, "_", "." or "-", the first one a letter or a digit.'
    );
  }
  const other = sameLabel(name, taken);
  return other === undefined
    ? null
    : trans.__('%1 is the name of a run already: choose another.', other);
}

/** A name that is free, for a run that begins with a checkpoint of another. */
export function suggestName({ name: of, n }: ICheckpointRef, taken: readonly string[]): string {
  // An older run bears a mark, as in research~1, that no new name may have.
  const stem = `${of.split('~')[0].slice(0, LONGEST - 20)}-from-${n ?? 'end'}`;
  let name = stem;
  for (let count = 2; sameLabel(name, taken) !== undefined; count++) {
    name = `${stem}-${count}`;
  }
  return name;
}

/** Names are told apart ignoring case: a disk may not tell them apart either. */
function sameLabel(name: string, taken: readonly string[]): string | undefined {
  return taken.find(other => other.toLowerCase() === name.toLowerCase());
}
