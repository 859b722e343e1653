/** The chosen checkpoint's variables, of its frames and of the cell, and what was not stored. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ICheckpointEntry, IRefusedEntry } from '../tokens';
import type { IViewProps } from './view';

export function Variables({ model, trans }: IViewProps): JSX.Element | null {
  const checkpoint = model.checkpoint;
  if (checkpoint === null) {
    return null;
  }
  const frames = framesOf(checkpoint);
  return (
    <>
      <NotStored refused={checkpoint.refused} trans={trans} />
      {frames.map(({ name, line, types }, depth) => (
        <Types
          key={depth}
          caption={trans.__('%1, line %2', name, line)}
          types={types}
          trans={trans}
        />
      ))}
      {Object.keys(checkpoint.variables).length === 0 ? (
        <p className="jp-PlaybooksPanel-placeholder">{trans.__('No variables.')}</p>
      ) : (
        <Types
          caption={frames.length === 0 ? null : trans.__('Notebook')}
          types={checkpoint.variables}
          trans={trans}
        />
      )}
    </>
  );
}

interface IFrame {
  readonly name: string;
  readonly line: number;
  readonly types: { [key: string]: string };
}

/** The frames that have variables of their own, the one that awaits first. */
function framesOf({ stack, locals }: ICheckpointEntry): IFrame[] {
  return stack
    .map(([name, line], depth) => ({ name, line, types: locals[depth] ?? {} }))
    .filter(({ types }) => Object.keys(types).length > 0)
    .reverse();
}

interface ITypesProps {
  /** Whose variables these are; null where there are no others. */
  readonly caption: string | null;
  readonly types: { [key: string]: string };
  readonly trans: TranslationBundle;
}

function Types({ caption, types, trans }: ITypesProps): JSX.Element {
  return (
    <table className="jp-PlaybooksPanel-variables">
      {caption === null ? null : <caption>{caption}</caption>}
      <thead>
        <tr>
          <th scope="col">{trans.__('Name')}</th>
          <th scope="col">{trans.__('Type')}</th>
        </tr>
      </thead>
      <tbody>
        {Object.keys(types)
          .sort()
          .map(name => (
            <tr key={name}>
              <td>{name}</td>
              <td>{types[name]}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

interface INotStoredProps {
  readonly refused: readonly IRefusedEntry[];
  readonly trans: TranslationBundle;
}

function NotStored({ refused, trans }: INotStoredProps): JSX.Element | null {
  if (refused.length === 0) {
    return null;
  }
  return (
    <div className="jp-PlaybooksPanel-refused">
      <p>{trans.__('Could not be stored:')}</p>
      <ul>
        {refused.map(({ variable, type, reason }) => (
          <li key={variable}>
            <code>{variable}</code> ({type}): {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
