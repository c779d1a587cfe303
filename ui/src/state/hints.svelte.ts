// What this device was told once: nobody needs it twice.

const KEY = "holdfast.hints";

function stored(): string[] {
  try {
    return (localStorage.getItem(KEY) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}

class Hints {
  private told = $state.raw<readonly string[]>(stored());

  isNew(name: string): boolean {
    return !this.told.includes(name);
  }

  /** It was read: not on this device again. */
  done(name: string): void {
    if (!this.isNew(name)) return;
    this.told = [...this.told, name];
    try {
      localStorage.setItem(KEY, this.told.join(" "));
    } catch {
      // Storage is switched off: it is known as long as the page.
    }
  }
}

export const hints = new Hints();
