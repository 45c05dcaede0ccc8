import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq'
import { Logger } from '@nestjs/common'
import type { Job } from 'bullmq'
import { Database } from '../database/database'
import { LiveGateway } from '../live/live.gateway'
import { QUEUE, type Message } from './notifications'

@Processor(QUEUE)
export class NotificationsWorker extends WorkerHost {
  private readonly logger = new Logger(NotificationsWorker.name)

  constructor(
    private readonly database: Database,
    private readonly live: LiveGateway,
  ) {
    super()
  }

  /** May run twice for one job, when an instance dies in between; the row's jobId keeps it to one notification. */
  async process(job: Job<Message>) {
    const { text } = job.data
    for (const employeeId of await this.receivers(job.data)) {
      const jobId = `${job.id}:${employeeId}`
      const { count } = await this.database.notification.createMany({
        data: [{ jobId, employeeId, text }],
        skipDuplicates: true,
      })
      if (count === 0) continue
      const notification = await this.database.notification.findUniqueOrThrow({ where: { jobId } })
      this.live.toEmployee(employeeId, 'notification', notification)
    }
  }

  @OnWorkerEvent('failed')
  failed(job: Job<Message> | undefined, error: Error) {
    this.logger.error(`Message ${job?.id} failed: ${error.message}`)
  }

  /** As for the queue: without a listener, a lost connection would end the process. */
  @OnWorkerEvent('error')
  lost() {}

  private async receivers(message: Message): Promise<number[]> {
    if ('employeeId' in message) return [message.employeeId]
    const now = new Date()
    const employees = await this.database.employee.findMany({
      where: {
        role: message.role,
        active: true,
        id: { not: message.except },
        shifts: { some: { startsAt: { lte: now }, endsAt: { gt: now } } },
      },
      select: { id: true },
    })
    return employees.map(employee => employee.id)
  }
}
