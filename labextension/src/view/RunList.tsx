/** The notebook's runs, each with its state and its Continue button. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isContinuable, keyOf } from '../model';
import { CommandIDs } from '../tokens';
import type { IRunEntry } from '../tokens';
import { ActionButton } from './ActionButton';
import { RowList } from './RowList';
import { agoText, stateText } from './text';
import type { IViewProps } from './view';

export function RunList({ model, commands, trans }: IViewProps): JSX.Element {
  const chosen = model.run ? keyOf(model.run) : null;
  const rows = model.state.runs.map(run => ({
    key: keyOf(run),
    chosen: keyOf(run) === chosen,
    choose: () => void model.chooseRun(run),
    title: titleOf(run, trans),
    body: <Row run={run} trans={trans} />,
    actions: (
      <>
        {isContinuable(run) ? (
          <ActionButton commands={commands} id={CommandIDs.continueRun} args={{ run: run.name }} />
        ) : null}
        <ActionButton
          commands={commands}
          id={CommandIDs.deleteRun}
          args={{ run: run.name }}
          iconOnly
        />
      </>
    )
  }));
  return <RowList label={trans.__('Runs of this notebook')} look="jp-mod-runs" rows={rows} />;
}

function Row({ run, trans }: { run: IRunEntry; trans: TranslationBundle }): JSX.Element {
  const isFinished = run.state === 'finished';
  return (
    <>
      <span className="jp-PlaybooksPanel-rowHead">
        <span className="jp-PlaybooksPanel-name">{run.name}</span>
        <span className="jp-PlaybooksPanel-state" data-state={run.state}>
          {stateText(run.state, trans)}
        </span>
      </span>
      <span className="jp-PlaybooksPanel-rowNote">
        {trans._n('%1 await', '%1 awaits', run.awaits)}
        {run.pinned === 0 ? null : ` · ${trans.__('%1 pinned', run.pinned)}`}
        {isFinished || !run.line ? null : ` · ${trans.__('line %1', run.line)}`}
        {` · ${agoText(run.updated_s)}`}
      </span>
      {run.error === null ? null : (
        <span className="jp-PlaybooksPanel-rowError">{run.error}</span>
      )}
    </>
  );
}

function titleOf(run: IRunEntry, trans: TranslationBundle): string {
  if (run.owner !== null) {
    return trans.__('Run %1, held by %2', run.name, run.owner);
  }
  return run.forked_from === null
    ? trans.__('Run %1', run.name)
    : trans.__('Run %1, forked from %2', run.name, run.forked_from);
}
