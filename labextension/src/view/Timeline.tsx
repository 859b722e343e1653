/** The chosen run's checkpoints, newest first. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { pinIcon } from '../icons';
import { CommandIDs } from '../tokens';
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
    const button = { commands, args: { run: detail?.run.name, n: checkpoint.n } };
    return {
      key: checkpoint.id,
      chosen,
      choose: () => model.chooseCheckpoint(checkpoint.n),
      title: trans.__('Playbook checkpoint %1', checkpoint.id),
      body: <Row checkpoint={checkpoint} code={lines[checkpoint.line - 1]?.trim()} trans={trans} />,
      actions: (
        <>
          <ActionButton {...button} id={CommandIDs.restore} iconOnly={!chosen} />
          <ActionButton {...button} id={CommandIDs.continueRun} iconOnly={!chosen} />
          {chosen ? (
            <>
              <ActionButton {...button} id={CommandIDs.fork} iconOnly />
              <ActionButton {...button} id={CommandIDs.pin} iconOnly />
              <ActionButton {...button} id={CommandIDs.deleteCheckpoint} iconOnly />
            </>
          ) : null}
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
        {checkpoint.pinned ? <PinMark label={trans.__('pinned')} /> : null}
      </span>
      <span className="jp-PlaybooksPanel-rowNote">
        {trans.__('line %1', checkpoint.line)}
        {checkpoint.task === null ? null : ` · ${trans.__('in task %1', checkpoint.task)}`}
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

function PinMark({ label }: { readonly label: string }): JSX.Element {
  return (
    <span className="jp-PlaybooksPanel-pin" role="img" aria-label={label} title={label}>
      <pinIcon.react tag="span" className="jp-PlaybooksPanel-icon" />
    </span>
  );
}

function firstLine(statement: string): string {
  const [first, ...rest] = statement.split('\n');
  return rest.length === 0 ? first : `${first} …`;
}
