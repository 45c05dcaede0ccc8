import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Target, Walk } from './dashboard.browser.ts'

const NAME = 'A pretended device'

/**
 * By the dashboard's address there is no passkey, but a way to its name; there one is added, signs in without a
 * password, and removed, signs in no more. The device is one that Chromium pretends.
 */
export async function passkeys({ page, target }: Walk) {
  const context = await page.context().browser()!.newContext()
  context.setDefaultTimeout(10_000)
  const own = await context.newPage()
  await pretendDevice(own)
  await own.goto(`${target.url}/sign-in`)
  assert.equal(await byPasskey(own).count(), 0)
  await own.locator('[data-no-passkey="address"]').getByRole('link').click()
  await own.waitForURL(/^http:\/\/localhost:\d+\/sign-in/)
  await own.getByLabel('Email').fill(target.email)
  await own.getByLabel('Password').fill(target.password)
  await own.getByRole('button', { name: 'Sign in', exact: true }).click()

  await account(own, target)
  await card(own).getByLabel('Name of the passkey').fill(NAME)
  await card(own).getByLabel('Your password').fill('certainly not the password')
  await card(own).getByRole('button', { name: 'Add a passkey' }).click()
  await card(own).locator('[data-failure]').waitFor()
  await card(own).getByLabel('Your password').fill(target.password)
  await card(own).getByRole('button', { name: 'Add a passkey' }).click()
  await row(own).getByText('localhost').waitFor()

  await own.getByRole('button', { name: 'Sign out' }).click()
  await byPasskey(own).click()
  await own.waitForURL(/^http:\/\/localhost:\d+\/$/)
  await account(own, target)
  await row(own)
    .getByRole('button', { name: `remove the passkey ${NAME}` })
    .click()
  await card(own).getByLabel('Your password').fill(target.password)
  await card(own).getByRole('button', { name: 'Remove', exact: true }).last().click()
  await row(own).waitFor({ state: 'detached' })

  await own.getByRole('button', { name: 'Sign out' }).click()
  await byPasskey(own).click()
  await own.locator('[data-failure="PASSKEY_NOT_FOUND"]').waitFor()
  await context.close()
}

async function pretendDevice(page: Page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
}

const byPasskey = (page: Page) => page.getByRole('button', { name: 'Sign in with a passkey' })
const card = (page: Page) => page.getByRole('region', { name: 'Passkeys' })
const row = (page: Page) =>
  page.getByRole('table', { name: 'passkeys' }).getByRole('row').filter({ hasText: NAME })

async function account(page: Page, { email }: Target) {
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('heading', { level: 1, name: email.split('@')[0]! }).waitFor()
}
