// Short words that come and go: what was done, what was skipped.

export interface Notice {
  id: number;
  text: string;
  alarm: boolean;
}

const SHOWN_MS = 4_000;

class Notices {
  list = $state<Notice[]>([]);
  private next = 1;

  tell(text: string, alarm = false): void {
    const id = this.next++;
    this.list = [...this.list.filter((notice) => notice.text !== text), { id, text, alarm }].slice(
      -3,
    );
    setTimeout(() => this.drop(id), SHOWN_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
