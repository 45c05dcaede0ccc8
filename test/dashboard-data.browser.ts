import assert from 'node:assert/strict'
import type { Walk } from './dashboard.browser.ts'

/** Opens the form of a restore, chooses what comes back, and asks for the plan. */
async function planned({ page, target }: Walk, what: string, fill: () => Promise<void>) {
  await page.goto(`${target.url}/backups?app=${target.app}`)
  await page.locator(`[aria-label="restore ${target.app}"]`).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(what).check()
  await fill()
  await dialog.locator('[data-action="restore-plan"]').click()
  await dialog.locator('[data-step]').first().waitFor()
  await dialog.locator('[data-confirm="restore"]').click()
  await page.waitForURL(/\/runs\//)
  await page.locator('[data-run-outcome="done"]').waitFor({ timeout: 90_000 })
}

/** A table is compared with its state at a moment; the app's name is asked for only where rows would change. */
export async function tables(walk: Walk) {
  const { page } = walk
  await planned(walk, 'single tables', async () => {
    await page.getByLabel('Tables, with commas in between').fill('guest')
  })
  const found = page.getByRole('table', { name: 'tables' })
  await found.getByText('guest').waitFor()
  assert.equal(await found.getByRole('row').count(), 2)
}

/** A copy to look at is made, is listed with its address, and is removed. */
export async function copies(walk: Walk) {
  const { page, target } = walk
  await planned(walk, 'a copy to look at', () => page.getByLabel('Name: at most 12').fill('walk'))
  await page.goto(`${target.url}/backups?app=${target.app}`)
  const copy = page.locator('[data-copy="walk"]')
  await copy.getByText('postgresql://').first().waitFor()
  await copy.getByRole('button', { name: 'remove walk' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await page.waitForURL(/\/runs\//)
  await page.locator('[data-run-outcome="done"]').waitFor({ timeout: 60_000 })
  await page.goto(`${target.url}/backups?app=${target.app}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await copy.waitFor({ state: 'detached' })
}
