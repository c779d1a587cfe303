// What lies over the page: one thing at a time, opened from the rail, by keys or by the palette.

class PanelsState {
  palette = $state(false);
  help = $state(false);
  account = $state(false);
  alarms = $state(false);
}

export const panels = new PanelsState();
