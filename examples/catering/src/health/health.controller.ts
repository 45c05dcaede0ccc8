import { Controller, Get, Header } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { Open } from '../auth/roles.ts'
import { HealthService } from './health.service.ts'

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** Always 200, because the process is there and answers; `status` says how it is. */
  @Get()
  @Open()
  @Header('cache-control', 'no-store')
  read() {
    return this.health.read()
  }
}
