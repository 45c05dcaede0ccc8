import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Walk } from './dashboard.browser.ts'

/** What an app writes to people: one message that failed, one that is cancelled, and what its templates become. */
export async function outbox({ page, target }: Walk) {
  await page.goto(`${target.url}/apps/${target.app}/outbox`)
  await page.getByRole('heading', { level: 1, name: 'Messages to people' }).waitFor()
  // Only the page alone has an app that writes to people.
  if (!target.measured) return void (await page.getByText('Nothing was sent yet.').waitFor())
  const rows = page.getByRole('table', { name: 'messages to people' }).getByRole('row')
  const failed = rows.filter({ hasText: 'gone.somebody' })
  await failed.getByText('bounced', { exact: true }).waitFor()
  await failed.getByText('550 5.1.1 no such user here').waitFor()
  const waiting = rows.filter({ hasText: 'linus@example.com' })
  await waiting.getByText('waiting', { exact: true }).waitFor()
  await waiting.getByRole('button', { name: 'Cancel' }).click()
  await waiting.getByText('cancelled', { exact: true }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0, 'what is over can be cancelled')
  await page.getByLabel('Template', { exact: true }).selectOption('welcome, e-mail, de')
  await page.getByText('Welcome to Harbour, Ada').waitFor()
  await preview(page, 'as on a computer', 600)
  await preview(page, 'as on a phone', 375)
  await page.getByLabel('Template', { exact: true }).selectOption('announcement, Telegram')
  await page.locator('iframe').first().waitFor({ state: 'detached' })
  await page.getByText(/^Welcome aboard, Ada/).waitFor()
}

/** As wide as it says where there is room, and whole on a phone; nothing of the app's HTML runs in it. */
async function preview(page: Page, name: string, width: number) {
  const frame = page.getByTitle(`${name}, ${width} px`)
  assert.equal((await frame.boundingBox())!.width, width)
  const { width: wide, height } = page.viewportSize()!
  await page.setViewportSize({ width: 390, height })
  const right = async () => {
    const { x, width: shown } = (await frame.boundingBox())!
    return x + shown
  }
  for (const end = Date.now() + 5_000; (await right()) > 390; await page.waitForTimeout(50))
    assert.ok(Date.now() < end, `${name}, it is cut off on a phone`)
  await page.setViewportSize({ width: wide, height })
  const mail = page.frameLocator(`iframe[title="${name}, ${width} px"]`)
  await mail.getByRole('heading', { name: 'Welcome aboard, Ada' }).waitFor()
  assert.equal(await mail.getByText('a script ran').count(), 0)
}

/** The page that people outside see, as the page of its app shows it. */
export async function statusPage({ page, target }: Walk) {
  if (!target.measured) return
  await page.goto(`${target.url}/apps/${target.app}`)
  const card = page.getByRole('region', { name: 'Status page' })
  const components = card.getByRole('list', { name: 'components of the status page' })
  const booking = components.getByRole('listitem').filter({ hasText: 'Booking' })
  await booking.getByText('degraded', { exact: true }).waitFor()
  const days = booking.getByRole('img', { name: /^90 days of Booking: 99\.98 % up$/ })
  assert.equal(await days.locator('span').count(), 90)
  await card.getByText('214 subscribers').waitFor()
  const link = card.getByRole('link', { name: 'status.hostel.example' })
  assert.equal(await link.getAttribute('href'), 'https://status.hostel.example/')
}
