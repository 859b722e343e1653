/** The cell's code with marks: what is done, where the chosen checkpoint stands, what is left. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import type { ICheckpointEntry } from '../tokens';
import type { IViewProps } from './view';

type Mark = 'done' | 'here' | 'left';

export function Code({ model, trans }: IViewProps): JSX.Element {
  const { detail } = model.state;
  const checkpoint = model.checkpoint;
  const newest = detail?.checkpoints[detail.checkpoints.length - 1];
  const finished = detail?.run.state === 'finished' && checkpoint === newest;
  const lines = detail?.source?.replace(/\n$/, '').split('\n') ?? [];
  const marks = lines.map((_, index) => markOf(index + 1, finished ? null : checkpoint, finished));
  return (
    <>
      <Stack checkpoint={checkpoint} trans={trans} />
      <ol className="jp-PlaybooksPanel-code">
        {lines.map((line, index) => (
          <Line key={index} text={line} mark={marks[index]} trans={trans} />
        ))}
      </ol>
    </>
  );
}

function markOf(line: number, checkpoint: ICheckpointEntry | null, finished: boolean): Mark {
  if (checkpoint === null) {
    return finished ? 'done' : 'left';
  }
  if (line === checkpoint.line) {
    return 'here';
  }
  return line <= checkpoint.done_lines ? 'done' : 'left';
}

interface ILineProps {
  readonly text: string;
  readonly mark: Mark;
  readonly trans: TranslationBundle;
}

function Line({ text, mark, trans }: ILineProps): JSX.Element {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (mark === 'here') {
      item.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [mark]);
  return (
    <li ref={item} className="jp-PlaybooksPanel-line" data-mark={mark}>
      <span
        className="jp-PlaybooksPanel-mark"
        role="img"
        aria-label={markText(mark, trans)}
        title={markText(mark, trans)}
      />
      <code>{text}</code>
    </li>
  );
}

function markText(mark: Mark, trans: TranslationBundle): string {
  switch (mark) {
    case 'done':
      return trans.__('done');
    case 'here':
      return trans.__('here');
    case 'left':
      return trans.__('left');
  }
}

interface IStackProps {
  readonly checkpoint: ICheckpointEntry | null;
  readonly trans: TranslationBundle;
}

/** The functions that were being awaited, outermost first; the cell alone needs no words. */
function Stack({ checkpoint, trans }: IStackProps): JSX.Element | null {
  if (checkpoint === null || (checkpoint.stack.length < 2 && checkpoint.task === null)) {
    return null;
  }
  const { stack, task } = checkpoint;
  const label =
    task === null
      ? trans.__('Call stack, outermost first')
      : trans.__('Call stack of task %1, outermost first', task);
  return (
    <div className="jp-PlaybooksPanel-stack">
      {task === null ? null : <p>{trans.__('in task %1', task)}</p>}
      <ol aria-label={label}>
        {stack.map(([name, line], depth) => (
          <li key={depth}>
            <code>{name}</code> {trans.__('line %1', line)}
          </li>
        ))}
      </ol>
    </div>
  );
}
