// Whether somebody may be looking: streams of hidden pages are closed, but not at once, for people
// come back.

const HIDDEN_MS = 15_000;

const visible = () => document.visibilityState === "visible";
/** Undefined where the browser has none, or tells nobody of it. */
const floats = () => document.pictureInPictureElement != null;

export class PageVisible {
  /** A page that was opened behind another one has not been seen yet. */
  recently = $state(visible());
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    document.addEventListener("visibilitychange", this.look);
    // Picture in picture is looked at while its page is hidden, and closed there too.
    document.addEventListener("enterpictureinpicture", this.look);
    document.addEventListener("leavepictureinpicture", this.look);
  }

  private look = (): void => {
    clearTimeout(this.timer);
    if (visible() || floats()) this.recently = true;
    else {
      this.timer = setTimeout(() => {
        this.recently = floats();
      }, HIDDEN_MS);
    }
  };
}

export const pageVisible = new PageVisible();
