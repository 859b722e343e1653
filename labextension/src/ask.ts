/** Questions before something is replaced, named or lost. Cancel has the focus where it matters. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { nameOf } from './cells';
import type { ICheckpointRef } from './cells';
import { isContinuable } from './model';
import { NameField } from './nameField';
import { refusalOf, suggestName } from './naming';
import type { IRunEntry } from './tokens';
import { sizeText } from './view/text';

export function confirmRestore(ref: ICheckpointRef, trans: TranslationBundle): Promise<boolean> {
  const body =
    ref.n === null
      ? trans.__(
          'The variables of this notebook’s kernel are replaced by those of the newest playbook checkpoint of %1. "%playbook undo" brings the present ones back.',
          ref.name
        )
      : trans.__(
          'The variables of this notebook’s kernel are replaced by those of playbook checkpoint %1. "%playbook undo" brings the present ones back.',
          nameOf(ref)
        );
  return confirm(trans.__('Restore playbook checkpoint?'), body, trans.__('Restore'), trans);
}

export function confirmDelete(ref: ICheckpointRef, trans: TranslationBundle): Promise<boolean> {
  return confirm(
    trans.__('Delete playbook checkpoint %1?', nameOf(ref)),
    trans.__(
      'It is lost for good: nothing can be restored, continued or forked from it any more. The run and its other playbook checkpoints stay.'
    ),
    trans.__('Delete'),
    trans
  );
}

export function confirmDeleteRun(run: IRunEntry, trans: TranslationBundle): Promise<boolean> {
  const sentences = [
    trans.__(
      'All its playbook checkpoints (%1) and the output that was kept are lost for good.',
      sizeText(run.size_bytes)
    )
  ];
  if (run.pinned > 0) {
    sentences.push(trans._n('%1 of them is pinned.', '%1 of them are pinned.', run.pinned));
  }
  if (isContinuable(run)) {
    sentences.push(
      trans._n(
        'The run has not finished: it cannot be continued any more, and its %1 completed await would run again.',
        'The run has not finished: it cannot be continued any more, and its %1 completed awaits would run again.',
        run.awaits
      )
    );
  }
  sentences.push(trans.__('Variables in the kernel stay as they are.'));
  return confirm(
    trans.__('Delete the run %1?', run.name),
    sentences.join(' '),
    trans.__('Delete'),
    trans
  );
}

/**
 * Ask what the fork of a checkpoint is to be called, until the name will do.
 *
 * @returns the name, or null where the user would rather not.
 */
export async function askName(
  of: ICheckpointRef,
  taken: readonly string[],
  trans: TranslationBundle
): Promise<string | null> {
  const refuse = (name: string) => refusalOf(name, taken, trans);
  let name = suggestName(of, taken);
  do {
    const { button, value } = await showDialog({
      title: trans.__('Fork playbook checkpoint %1', nameOf(of)),
      body: new NameField(name, refuse, trans),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Fork') })
      ],
      focusNodeSelector: 'input'
    });
    if (!button.accept || value === null) {
      return null;
    }
    name = value;
  } while (refuse(name) !== null);
  return name;
}

async function confirm(
  title: string,
  body: string,
  label: string,
  trans: TranslationBundle
): Promise<boolean> {
  const { button } = await showDialog({
    title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label })
    ],
    defaultButton: 0
  });
  return button.accept;
}
