import { Global, Module } from '@nestjs/common'
import { Config } from '../config.ts'
import { PrismaService } from './prisma.service.ts'

@Global()
@Module({
  providers: [{ provide: Config, useFactory: () => new Config(process.env) }, PrismaService],
  exports: [Config, PrismaService],
})
export class CommonModule {}
