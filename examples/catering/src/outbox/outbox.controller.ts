import { Controller, Get, HttpCode, Param, ParseIntPipe, Post } from '@nestjs/common'
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger'
import { Roles } from '../auth/roles.ts'
import { OutboxService } from './outbox.service.ts'

@ApiTags('outbox')
@ApiBearerAuth()
@Roles('admin')
@Controller('outbox')
export class OutboxController {
  constructor(private readonly outbox: OutboxService) {}

  @Get()
  overview() {
    return this.outbox.overview()
  }

  @Post(':id/retry')
  @HttpCode(200)
  retry(@Param('id', ParseIntPipe) id: number) {
    return this.outbox.retry(id)
  }
}
