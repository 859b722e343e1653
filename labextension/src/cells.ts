/** Cells that the panel writes: visible, saved with the notebook, run like any other. */
import type { ISessionContextDialogs } from '@jupyterlab/apputils';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';

export interface ICheckpointRef {
  readonly name: string;
  /** The checkpoint's number, or null for the newest. */
  readonly n: number | null;
}

/** A Python string literal: names hold no quotes, and JSON's escapes are Python's too. */
function literal({ name, n }: ICheckpointRef): string {
  return JSON.stringify(n === null ? name : `${name}@${n}`);
}

/**
 * The cell that continues. The await is written out because a fresh kernel transforms a cell
 * before the import in it has run.
 */
export function continueSource(ref: ICheckpointRef): string {
  return `import playbooks_ipython as pb\nawait pb.resume(${literal(ref)})`;
}

export function restoreSource(ref: ICheckpointRef): string {
  return `import playbooks_ipython as pb\npb.restore(${literal(ref)})`;
}

/** Whether any cell speaks of playbooks, in a magic or an import. */
export function mentionsPlaybooks(notebook: Notebook): boolean {
  return notebook.widgets.some(cell => cell.model.sharedModel.source.includes('playbook'));
}

/**
 * Insert a code cell below the cell `belowId` (below the active one where that is gone), make it
 * the active one, bring it into view, and run it.
 *
 * @returns whether the cell ran without an error.
 */
export async function runBelow(
  panel: NotebookPanel,
  belowId: string | null,
  source: string,
  dialogs: ISessionContextDialogs | undefined,
  translator: ITranslator
): Promise<boolean> {
  const notebook = panel.content;
  const anchor = notebook.widgets.findIndex(cell => cell.model.id === belowId);
  if (anchor >= 0) {
    notebook.activeCellIndex = anchor;
  }
  NotebookActions.insertBelow(notebook);
  const cell = notebook.activeCell;
  if (!cell) {
    return false;
  }
  cell.model.sharedModel.setSource(source);
  notebook.deselectAll();
  await notebook.scrollToCell(cell, 'center');
  await wakeKernel(panel);
  return NotebookActions.run(notebook, panel.sessionContext, dialogs, translator);
}

/** A kernel that the server gave up on answers nothing: start it again first. */
async function wakeKernel(panel: NotebookPanel): Promise<void> {
  if (panel.sessionContext.session?.kernel?.status === 'dead') {
    await panel.sessionContext.restartKernel();
  }
}
