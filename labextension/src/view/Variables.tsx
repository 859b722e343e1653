/** The chosen checkpoint's variables, and what could not be stored. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IRefusedEntry } from '../tokens';
import type { IViewProps } from './view';

export function Variables({ model, trans }: IViewProps): JSX.Element | null {
  const checkpoint = model.checkpoint;
  if (checkpoint === null) {
    return null;
  }
  const names = Object.keys(checkpoint.variables).sort();
  return (
    <>
      <NotStored refused={checkpoint.refused} trans={trans} />
      {names.length === 0 ? (
        <p className="jp-PlaybooksPanel-placeholder">{trans.__('No variables.')}</p>
      ) : (
        <table className="jp-PlaybooksPanel-variables">
          <thead>
            <tr>
              <th scope="col">{trans.__('Name')}</th>
              <th scope="col">{trans.__('Type')}</th>
            </tr>
          </thead>
          <tbody>
            {names.map(name => (
              <tr key={name}>
                <td>{name}</td>
                <td>{checkpoint.variables[name]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
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
