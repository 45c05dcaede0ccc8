import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiConflictResponse, ApiTags } from '@nestjs/swagger'
import { type Caller, CurrentCaller } from '../auth/caller.ts'
import { Roles } from '../auth/roles.ts'
import { ChangedContract, ContractFilter, NewContract, NewStatus } from './contracts.dto.ts'
import { ContractsService } from './contracts.service.ts'

@ApiTags('contracts')
@ApiBearerAuth()
@Roles('admin')
@Controller('contracts')
export class ContractsController {
  constructor(private readonly contracts: ContractsService) {}

  @Get()
  @Roles('admin', 'caterer', 'customer')
  list(@CurrentCaller() caller: Caller, @Query() filter: ContractFilter) {
    return this.contracts.list(caller, filter)
  }

  @Get(':id')
  @Roles('admin', 'caterer', 'customer')
  one(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    return this.contracts.one(caller, id)
  }

  @Post()
  add(@CurrentCaller() caller: Caller, @Body() input: NewContract) {
    return this.contracts.add(caller, input)
  }

  @Patch(':id')
  change(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number, @Body() input: ChangedContract) {
    return this.contracts.change(caller, id, input)
  }

  @Post(':id/status')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'The contract cannot become that; `allowed` names what it can' })
  changeStatus(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number, @Body() { status }: NewStatus) {
    return this.contracts.changeStatus(caller, id, status)
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@Param('id', ParseIntPipe) id: number): Promise<void> {
    return this.contracts.delete(id)
  }
}
