import { InjectQueue } from '@nestjs/bullmq'
import { Injectable, Logger } from '@nestjs/common'
import type { Queue } from 'bullmq'
import type { Role } from '../generated/prisma/enums'
import { within } from '../patience/within'

export const QUEUE = 'notifications'

const PATIENCE_MS = 1000

export type Message = { text: string } & ({ employeeId: number } | { role: Role; except: number })

/** Puts messages into the queue; any instance takes them out. */
@Injectable()
export class Notifications {
  private readonly logger = new Logger(Notifications.name)

  constructor(@InjectQueue(QUEUE) private readonly queue: Queue<Message>) {
    // Without a listener, a lost connection would end the process. RedisConnections says when Redis is away.
    queue.on('error', () => {})
  }

  toEmployee(employeeId: number, text: string) {
    return this.put({ employeeId, text })
  }

  /** To those with this role who are on shift, but not to the one who caused it. */
  toRole(role: Role, text: string, except: number) {
    return this.put({ role, except, text })
  }

  /** What a message is about has happened already, so a queue that is away must not make it fail. */
  private async put(message: Message) {
    try {
      await within(PATIENCE_MS, this.queue.add('message', message))
    } catch (error) {
      this.logger.error(`Not sent, the queue is away: ${message.text} (${(error as Error).message})`)
    }
  }
}
