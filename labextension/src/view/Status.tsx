/** What stands above the lists: nothing to show yet, or what went wrong. */
import { PathExt } from '@jupyterlab/coreutils';
import React from 'react';

import type { IViewProps } from './view';

export function Status({ model, trans }: IViewProps): JSX.Element {
  const { notebook, loaded, runs, problems, error } = model.state;
  const problemsOfRun = model.state.detail?.problems ?? [];
  return (
    <div className="jp-PlaybooksPanel-status">
      {notebook === null ? (
        <p className="jp-PlaybooksPanel-placeholder">
          {trans.__('Open a notebook to see its playbook checkpoints.')}
        </p>
      ) : (
        <h2 className="jp-PlaybooksPanel-notebook" title={notebook}>
          {PathExt.basename(notebook)}
        </h2>
      )}
      {error === null ? null : (
        <p role="alert" className="jp-PlaybooksPanel-error">
          {error}
        </p>
      )}
      {loaded && error === null && runs.length === 0 ? (
        <p className="jp-PlaybooksPanel-placeholder">
          {trans.__('No playbook checkpoints yet. Run a %1 cell.', '%%playbook')}
        </p>
      ) : null}
      <Problems sentences={[...new Set([...problems, ...problemsOfRun])]} />
    </div>
  );
}

function Problems({ sentences }: { readonly sentences: readonly string[] }): JSX.Element | null {
  if (sentences.length === 0) {
    return null;
  }
  return (
    <ul className="jp-PlaybooksPanel-problems">
      {sentences.map(sentence => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
