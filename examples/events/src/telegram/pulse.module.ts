import { Module } from '@nestjs/common'
import { Pulse } from './pulse.service.ts'

@Module({ providers: [Pulse], exports: [Pulse] })
export class PulseModule {}
