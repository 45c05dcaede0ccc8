import assert from 'node:assert/strict'
import type { Walk } from './dashboard.browser.ts'

/** One that finds nothing to end: what looks is done by itself, and two questions get a no. */
export async function runbooks({ page, target }: Walk) {
  const pages = page.getByRole('navigation', { name: 'pages' })
  await pages.getByRole('link', { name: 'Incidents' }).click()
  await page.getByRole('link', { name: 'Runbooks' }).click()
  await page.getByLabel('for').selectOption({ label: target.app })
  const locked = page.getByRole('list', { name: 'runbooks' }).locator('[data-runbook="database-locked"]')
  await locked.getByRole('button', { name: 'Walk through' }).click()
  await page.getByRole('heading', { level: 1, name: 'The database is locked' }).waitFor()
  for (const question of ['May the session at the top be ended?', 'Does it come again?']) {
    const section = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: question }) })
    await section.getByRole('button', { name: 'No', exact: true }).click({ timeout: 30_000 })
  }
  await page.getByText('The runbook is done.').waitFor()
  const states = await page
    .locator('[data-item]')
    .evaluateAll(all => all.map(one => one.getAttribute('data-state')))
  assert.ok(states.includes('done') && states.includes('no'), `the steps are ${states.join(', ')}`)
  await page.getByRole('link', { name: 'Runbooks' }).click()
  await page.getByRole('list', { name: 'walks' }).getByText('The database is locked').first().waitFor()
}
