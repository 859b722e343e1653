/** The chosen run's checkpoints, newest first. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { CommandIDs } from '../commands';
import type { ICheckpointEntry } from '../tokens';
import { ActionButton } from './ActionButton';
import { RowList } from './RowList';
import { clockText, sizeText } from './text';
import type { IViewProps } from './view';

export function Timeline({ model, commands, trans }: IViewProps): JSX.Element {
  const { detail } = model.state;
  const lines = detail?.source?.split('\n') ?? [];
  const newestFirst = [...(detail?.checkpoints ?? [])].reverse();
  const rows = newestFirst.map(checkpoint => {
    const chosen = checkpoint === model.checkpoint;
    const button = { commands, args: { run: detail?.run.name, n: checkpoint.n }, iconOnly: !chosen };
    return {
      key: checkpoint.id,
      chosen,
      choose: () => model.chooseCheckpoint(checkpoint.n),
      title: trans.__('Playbook checkpoint %1', checkpoint.id),
      body: <Row checkpoint={checkpoint} code={lines[checkpoint.line - 1]?.trim()} trans={trans} />,
      actions: (
        <>
          <ActionButton {...button} id={CommandIDs.restore} />
          <ActionButton {...button} id={CommandIDs.continueRun} />
        </>
      )
    };
  });
  return (
    <RowList
      label={trans.__('Playbook checkpoints, newest first')}
      look="jp-mod-checkpoints"
      rows={rows}
    />
  );
}

interface IRowProps {
  readonly checkpoint: ICheckpointEntry;
  /** The line with the await, where it is known: the statement may be a long loop around it. */
  readonly code: string | undefined;
  readonly trans: TranslationBundle;
}

function Row({ checkpoint, code, trans }: IRowProps): JSX.Element {
  return (
    <>
      <span className="jp-PlaybooksPanel-rowHead">
        <span className="jp-PlaybooksPanel-number">{`@${checkpoint.n}`}</span>
        <code className="jp-PlaybooksPanel-statement">{code ?? firstLine(checkpoint.statement)}</code>
      </span>
      <span className="jp-PlaybooksPanel-rowNote">
        {trans.__('line %1', checkpoint.line)}
        {` · ${clockText(checkpoint.time)} · ${sizeText(checkpoint.bytes)}`}
        {checkpoint.location === null ? null : ` · ${checkpoint.location}`}
        {checkpoint.refused.length === 0
          ? null
          : ` · ${trans.__('%1 not stored', checkpoint.refused.length)}`}
      </span>
      {checkpoint.pending === null ? null : (
        <span className="jp-PlaybooksPanel-rowNote">
          {trans.__('pending outcome: %1', checkpoint.pending)}
        </span>
      )}
    </>
  );
}

function firstLine(statement: string): string {
  const [first, ...rest] = statement.split('\n');
  return rest.length === 0 ? first : `${first} …`;
}
