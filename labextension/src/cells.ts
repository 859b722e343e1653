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

const IMPORT = 'import playbooks_ipython as pb';

/** The cells that are written here, and no others. */
const OURS = new RegExp(`^${IMPORT}\\n(await )?pb\\.\\w+\\([^\\n]*\\)$`);

/** A Python string literal: JSON's escapes are Python's too. */
const literal = JSON.stringify;

export function nameOf({ name, n }: ICheckpointRef): string {
  return n === null ? name : `${name}@${n}`;
}

/**
 * The cell that continues. The await is written out because a fresh kernel transforms a cell
 * before the import in it has run.
 */
export function continueSource(ref: ICheckpointRef): string {
  return `${IMPORT}\nawait pb.resume(${literal(nameOf(ref))})`;
}

export function restoreSource(ref: ICheckpointRef): string {
  return `${IMPORT}\npb.restore(${literal(nameOf(ref))})`;
}

/** Run again, it finds the run that it made. */
export function forkSource(ref: ICheckpointRef, name: string): string {
  return `${IMPORT}\npb.fork(${literal(nameOf(ref))}, ${literal(name)})`;
}

export function pinSource(ref: ICheckpointRef, pinned: boolean): string {
  return `${IMPORT}\npb.pin(${literal(nameOf(ref))}${pinned ? '' : ', off=True'})`;
}

/**
 * With the run's id, so that neither a kernel that was busy meanwhile nor a later Run All deletes
 * a run that bears the name by then.
 */
export function deleteSource(ref: ICheckpointRef, runId: string): string {
  return `${IMPORT}\npb.delete(${literal(nameOf(ref))}, run_id=${literal(runId)})`;
}

/** Whether any cell speaks of playbooks, in a magic or an import. */
export function mentionsPlaybooks(notebook: Notebook): boolean {
  return notebook.widgets.some(cell => cell.model.sharedModel.source.includes('playbook'));
}

/**
 * Insert a code cell below the cell `belowId` (below the active one where that is gone) and below
 * what was written there before, so that Run All repeats things in their order; make it the active
 * one, bring it into view, and run it.
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
    notebook.activeCellIndex = lastOfOurs(notebook, anchor);
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

/** The last of the panel's own cells that follow the one at `index`; `index` where none does. */
function lastOfOurs(notebook: Notebook, index: number): number {
  let last = index;
  while (OURS.test(notebook.widgets[last + 1]?.model.sharedModel.source ?? '')) {
    last += 1;
  }
  return last;
}

/** A kernel that the server gave up on answers nothing: start it again first. */
async function wakeKernel(panel: NotebookPanel): Promise<void> {
  if (panel.sessionContext.session?.kernel?.status === 'dead') {
    await panel.sessionContext.restartKernel();
  }
}
