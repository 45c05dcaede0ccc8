import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packSdk } from '../test/kit/sdk.ts'

// To be run by hand after a change of the SDK: puts it into the examples that have it, which stand alone. A test fails
// when it was forgotten. Afterwards
// `npm install ./vendor/innkeeper-sdk-*.tgz` in the example writes its digest into the lockfile.
const { bytes, version } = await packSdk()
for (const example of ['hostel', 'clinic/server', 'catering', 'events', 'motel/api']) {
  const folder = join(import.meta.dirname, '../examples', example, 'vendor')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `innkeeper-sdk-${version}.tgz`), bytes)
}
