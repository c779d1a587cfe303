// Whether somebody may be looking: streams of hidden pages are closed, but not at once, for people
// come back.

const HIDDEN_MS = 15_000;

class PageVisible {
  recently = $state(true);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.timer);
      // Picture in picture is looked at while its page is hidden.
      if (document.visibilityState === "visible") this.recently = true;
      else {
        this.timer = setTimeout(() => {
          this.recently = document.pictureInPictureElement !== null;
        }, HIDDEN_MS);
      }
    });
  }
}

export const pageVisible = new PageVisible();
