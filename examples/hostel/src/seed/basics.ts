import { hashPassword } from '../accounts/password.ts'
import { floorPlan } from '../capsules/capsule.ts'
import type { Config } from '../config.ts'
import { log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

/** What a hostel cannot open without. May run any number of times. */
export async function seedBasics(storage: Storage, config: Pick<Config, 'admin' | 'kioskToken'>): Promise<void> {
  await storage.capsules.add(floorPlan)
  const { email, password } = config.admin
  if (!email || !password) {
    log.warn('no account made: set ADMIN_EMAIL and ADMIN_PASSWORD, then seed again')
  } else if (!(await storage.accounts.byEmail(email))) {
    await storage.accounts.add({ email, name: 'Front desk', passwordHash: await hashPassword(password) })
  }
  if (config.kioskToken) await storage.kiosk.add({ token: config.kioskToken, label: 'Lobby kiosk', reusable: true })
}
