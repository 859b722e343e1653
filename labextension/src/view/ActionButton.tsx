/** A button for a command: label, tooltip, icon and whether it is enabled come from the command. */
import { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React from 'react';

export interface IActionButtonProps {
  readonly commands: CommandRegistry;
  readonly id: string;
  readonly args: ReadonlyPartialJSONObject;
  /** Draw the icon alone; the label is still read out. */
  readonly iconOnly?: boolean;
}

export function ActionButton(props: IActionButtonProps): JSX.Element {
  const { commands, id, args, iconOnly } = props;
  const label = commands.label(id, args);
  const caption = commands.caption(id, args);
  const look = iconOnly ? 'jp-mod-minimal jp-PlaybooksPanel-iconButton' : 'jp-mod-styled';
  return (
    <button
      type="button"
      className={`jp-PlaybooksPanel-action jp-Button ${look}`}
      title={caption}
      aria-label={label}
      disabled={!commands.isEnabled(id, args)}
      onClick={() => void commands.execute(id, args)}
    >
      <LabIcon.resolveReact icon={commands.icon(id, args)} tag="span" className="jp-PlaybooksPanel-icon" />
      {iconOnly ? null : <span>{label}</span>}
    </button>
  );
}
