import { Injectable, Logger } from '@nestjs/common'
import { Config } from '../config.ts'
import { PrismaService } from '../database/prisma.service.ts'

/**
 * `off`: no token. `conflict`: another polls with the same token. `refused`: Telegram does not know the token.
 * `failing`: Telegram does not answer. `silent`: nothing was heard of the polling for a minute.
 */
export type PollingStatus =
  | 'off'
  | 'starting'
  | 'polling'
  | 'conflict'
  | 'refused'
  | 'failing'
  | 'stopped'
  | 'silent'
  | 'unknown'

export interface Beat {
  status: PollingStatus
  reason: string | null
  at: Date
}

const SILENT_AFTER_MS = 60_000
const WRITE_EVERY_MS = 10_000

/** How the polling goes. The process that polls knows it and writes it down; the others read it. */
@Injectable()
export class Pulse {
  readonly #log = new Logger('Polling')
  #own: Beat | undefined
  #written = 0

  constructor(
    private readonly config: Config,
    private readonly prisma: PrismaService,
  ) {}

  beat(status: PollingStatus, reason: string | null = null): Promise<void> | undefined {
    const at = new Date()
    const changed = status !== this.#own?.status
    if (changed) this.#log[reason ? 'warn' : 'log'](reason ? `${status}: ${reason}` : status)
    this.#own = { status, reason, at }
    if (!changed && +at - this.#written < WRITE_EVERY_MS) return
    this.#written = +at
    return this.#write(this.#own)
  }

  async read(): Promise<Beat> {
    if (!this.config.botToken) return { status: 'off', reason: null, at: new Date() }
    const beat = this.#own ?? (await this.#stored())
    const silent = beat.status === 'polling' && Date.now() - +beat.at > SILENT_AFTER_MS
    return silent ? { ...beat, status: 'silent' } : beat
  }

  async #stored(): Promise<Beat> {
    try {
      const row = await this.prisma.botPulse.findUnique({ where: { id: 1 } })
      if (row) return { status: row.status as PollingStatus, reason: row.reason, at: row.at }
      return { status: 'silent', reason: 'no bot was started yet', at: new Date() }
    } catch {
      return { status: 'unknown', reason: 'the database does not answer', at: new Date() }
    }
  }

  async #write(beat: Beat): Promise<void> {
    try {
      await this.prisma.botPulse.upsert({ where: { id: 1 }, create: beat, update: beat })
    } catch {
      // The database is checked by itself; polling goes on without.
    }
  }
}
