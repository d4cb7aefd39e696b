import type { ComponentChildren } from "preact";
import { Button } from "./icons";
import type { Device } from "./model";
import type { State } from "./state";
import { Status } from "./status";
import type { ViewActions } from "./view";

export { WIDTHS } from "./widths";

const devices: { device: Device; icon: "fit" | "phone" | "tablet" | "desktop"; label: string }[] = [
  { device: "", icon: "fit", label: "Fit the width" },
  { device: "phone", icon: "phone", label: "Phone, 390 pixels wide" },
  { device: "tablet", icon: "tablet", label: "Tablet, 768 pixels wide" },
  { device: "desktop", icon: "desktop", label: "Desktop, 1280 pixels wide" },
];

interface Props {
  state: State;
  actions: ViewActions;
  /** Of what: "Preview", or "Editor". */
  of: string;
  toggleConsole: () => void;
  children?: ComponentChildren;
}

export function Toolbar(props: Props) {
  const { state, actions } = props;
  const errors = state.lines.reduce((sum, line) => sum + (line.level === "error" ? line.count : 0), 0);
  return (
    <div class="toolbar" role="toolbar" aria-label={`${props.of} ${state.title}`}>
      <span class="title" title={state.title}>
        {state.title}
      </span>
      <Status state={state} />
      {props.children}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along. */}
      <span class="devices" role="group" aria-label="Width">
        {devices.map(({ device, icon, label }) => (
          <Button
            key={device}
            icon={icon}
            label={label}
            pressed={state.device === device}
            onClick={() => actions.setDevice(device)}
          />
        ))}
      </span>
      <Button
        icon="console"
        label={errors ? `Console, ${errors} ${errors === 1 ? "error" : "errors"}` : "Console"}
        expanded={state.consoleOpen}
        onClick={props.toggleConsole}
      >
        {errors > 0 && (
          <span class="count" aria-hidden="true">
            {errors > 99 ? "99+" : errors}
          </span>
        )}
      </Button>
      <Button icon="reload" label={`Reload the ${props.of.toLowerCase()}`} onClick={actions.reload} />
      {state.tab && <Button icon="open" label="Open in a new tab" onClick={() => window.open(state.tab, "_blank")} />}
      <Button
        icon={state.full ? "shrink" : "expand"}
        label={state.full ? "Leave full screen" : "Full screen"}
        onClick={actions.toggleFull}
      />
    </div>
  );
}
