// Dark, light, or as the device has it. The first paint is public/theme.js's business.

export type Theme = "dark" | "light" | "device";

const KEY = "holdfast.theme";
const device = matchMedia("(prefers-color-scheme: light)");

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "device" ? value : "dark";
  } catch {
    return "dark";
  }
}

class ThemeChoice {
  choice = $state<Theme>(stored());
  deviceLight = $state(device.matches);
  shown = $derived<"dark" | "light">(
    this.choice === "device" ? (this.deviceLight ? "light" : "dark") : this.choice,
  );

  constructor() {
    device.addEventListener("change", () => {
      this.deviceLight = device.matches;
      this.apply();
    });
  }

  set(choice: Theme): void {
    this.choice = choice;
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
    this.apply();
  }

  private apply(): void {
    document.documentElement.dataset.theme = this.shown;
    const color = getComputedStyle(document.documentElement).getPropertyValue("--canvas");
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", color);
  }
}

export const theme = new ThemeChoice();
