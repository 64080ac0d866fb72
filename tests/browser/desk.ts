import type { Locator, Page } from 'playwright-core';

const cardWithinMs = 20_000;

/** What people do at the page. */
export class Desk {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Becomes another person, as one does at the bottom left. */
  async become(name: string): Promise<void> {
    await this.page.getByTestId('user-switch').selectOption({ label: name });
    await this.page.locator('.me-label', { hasText: '@' }).waitFor();
  }

  async type(text: string): Promise<void> {
    await this.page.getByTestId('composer').fill(text);
    await this.page.getByTestId('composer').press('Enter');
  }

  /** The last answer that only this person sees. */
  private(): Locator {
    return this.page.locator('.channel .is-private').last();
  }

  /** The card that appears, found again by its `ts` whatever it says later. */
  async card(): Promise<Locator> {
    const fresh = this.page.locator('.channel article', { has: this.button('withdraw') }).last();
    await fresh.waitFor({ timeout: cardWithinMs });
    return this.page.locator(`.channel article[data-ts="${await fresh.getAttribute('data-ts')}"]`);
  }

  /** A button by what it does, wherever it is. */
  button(action: string, within?: Locator): Locator {
    return (within ?? this.page).locator(`[data-action-id="${action}"]`);
  }

  /** The actions that a message offers, in order. */
  actions(card: Locator): Promise<(string | null)[]> {
    return card.locator('[data-action-id]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-action-id')));
  }
}
