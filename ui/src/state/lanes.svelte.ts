// Whether the timeline has a lane for each camera or one for all: kept on the device.

export type Lanes = "stacked" | "merged";

const KEY = "holdfast.lanes";

function stored(): Lanes | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === "stacked" || value === "merged" ? value : undefined;
  } catch {
    return undefined;
  }
}

class LaneChoice {
  /** Undefined until somebody chose: as there is room. */
  choice = $state<Lanes | undefined>(stored());

  set(choice: Lanes): void {
    this.choice = choice;
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
  }
}

export const lanes = new LaneChoice();
