// How a person takes clips away, from one visit to the next.

const STORED = "holdfast.timestamps";

function stored(): boolean {
  try {
    return localStorage.getItem(STORED) === "1";
  } catch {
    return false;
  }
}

class Taking {
  private on = $state(stored());

  /** Clips carry the time of day as subtitles. */
  get timestamps(): boolean {
    return this.on;
  }

  set timestamps(on: boolean) {
    this.on = on;
    try {
      if (on) localStorage.setItem(STORED, "1");
      else localStorage.removeItem(STORED);
    } catch {
      // Storage is switched off: it holds until the page is left.
    }
  }
}

export const taking = new Taking();
