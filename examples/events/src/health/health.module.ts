import { Module } from '@nestjs/common'
import { PulseModule } from '../telegram/pulse.module.ts'
import { HealthController } from './health.controller.ts'
import { HealthService } from './health.service.ts'
import { MetricsService } from './metrics.service.ts'

@Module({ imports: [PulseModule], controllers: [HealthController], providers: [HealthService, MetricsService] })
export class HealthModule {}
