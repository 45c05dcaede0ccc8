import { Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common'
import { Business } from './counts'
import { Metrics } from './metrics'
import { MetricsController } from './metrics.controller'
import { TimeRequests } from './requests.middleware'

@Module({ controllers: [MetricsController], providers: [Business, Metrics] })
export class MetricsModule implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(TimeRequests).forRoutes('{*all}')
  }
}
