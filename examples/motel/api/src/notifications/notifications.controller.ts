import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common'
import { Me } from '../auth/guard'
import type { Person } from '../auth/tokens'
import { Database } from '../database/database'
import { PageQuery, pageOf, slice } from '../paging/page'

@Controller('api/notifications')
export class NotificationsController {
  constructor(private readonly database: Database) {}

  @Get()
  async list(@Query() query: PageQuery, @Me() { id: employeeId }: Person) {
    const [rows, unread] = await Promise.all([
      this.database.notification.findMany({ where: { employeeId }, ...slice(query) }),
      this.database.notification.count({ where: { employeeId, readAt: null } }),
    ])
    return { ...pageOf(rows, query), unread }
  }

  @Post('read')
  @HttpCode(204)
  async read(@Me() { id: employeeId }: Person) {
    await this.database.notification.updateMany({ where: { employeeId, readAt: null }, data: { readAt: new Date() } })
  }
}
