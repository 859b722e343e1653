/** A list of rows that the arrow keys, Home and End walk and Enter chooses. */
import React from 'react';

export interface IRow {
  readonly key: string;
  readonly chosen: boolean;
  readonly choose: () => void;
  readonly title: string;
  readonly body: React.ReactNode;
  /** Buttons beside the row. */
  readonly actions: React.ReactNode;
}

export interface IRowListProps {
  readonly label: string;
  /** A class for this list's own look. */
  readonly look: string;
  readonly rows: readonly IRow[];
}

const ROW = 'button.jp-PlaybooksPanel-row';

export function RowList({ label, look, rows }: IRowListProps): JSX.Element {
  return (
    <ul className={`jp-PlaybooksPanel-list ${look}`} aria-label={label} onKeyDown={walk}>
      {rows.map(row => (
        <li
          key={row.key}
          className={`jp-PlaybooksPanel-item${row.chosen ? ' jp-mod-selected' : ''}`}
        >
          <button
            type="button"
            className="jp-PlaybooksPanel-row"
            title={row.title}
            aria-pressed={row.chosen}
            // One tab stop a list: the chosen row. The arrow keys reach the others.
            tabIndex={row.chosen ? 0 : -1}
            onClick={row.choose}
          >
            {row.body}
          </button>
          <span className="jp-PlaybooksPanel-rowActions">{row.actions}</span>
        </li>
      ))}
    </ul>
  );
}

/** Move the focus between rows. */
function walk(event: React.KeyboardEvent<HTMLUListElement>): void {
  const rows = Array.from(event.currentTarget.querySelectorAll<HTMLButtonElement>(ROW));
  const item = (event.target as HTMLElement).closest('li');
  const here = rows.findIndex(row => item?.contains(row) ?? false);
  const to = target(event.key, here, rows.length);
  if (to === null) {
    return;
  }
  event.preventDefault();
  rows[to].focus();
}

function target(key: string, here: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(here + 1, count - 1);
    case 'ArrowUp':
      return Math.max(here - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
