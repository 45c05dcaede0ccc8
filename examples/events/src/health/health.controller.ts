import { Controller, Get, Header, Res } from '@nestjs/common'
import type { Response } from 'express'
import { HealthService } from './health.service.ts'
import { MetricsService } from './metrics.service.ts'

@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: MetricsService,
  ) {}

  @Get('health')
  async read(@Res({ passthrough: true }) response: Response) {
    const health = await this.health.read()
    response.status(health.status === 'unavailable' ? 503 : 200)
    return health
  }

  @Get('metrics')
  async asJson() {
    return Object.fromEntries((await this.metrics.read()).map(({ name, value }) => [name, value]))
  }

  @Get('metrics/prometheus')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async asText() {
    const lines = (await this.metrics.read()).map(
      ({ name, help, value }) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`,
    )
    return lines.join('')
  }
}
