import { Controller, Get, Header } from '@nestjs/common'
import { Open } from '../auth/guard'
import { Metrics } from './metrics'

@Open()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  json() {
    return this.metrics.json()
  }

  @Get('prometheus')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  prometheus() {
    return this.metrics.registry.metrics()
  }
}
