import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Post } from '@nestjs/common'
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger'
import { type Caller, CurrentCaller } from '../auth/caller.ts'
import { Roles } from '../auth/roles.ts'
import { ChangedCompany, NewCompany } from './companies.dto.ts'
import { CompaniesService } from './companies.service.ts'

@ApiTags('companies')
@ApiBearerAuth()
@Roles('admin')
@Controller('companies')
export class CompaniesController {
  constructor(private readonly companies: CompaniesService) {}

  @Get()
  @Roles('admin', 'caterer', 'customer')
  list(@CurrentCaller() caller: Caller) {
    return this.companies.list(caller)
  }

  @Get(':id')
  @Roles('admin', 'caterer', 'customer')
  one(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    return this.companies.one(caller, id)
  }

  @Post()
  add(@Body() input: NewCompany) {
    return this.companies.add(input)
  }

  @Patch(':id')
  change(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number, @Body() input: ChangedCompany) {
    return this.companies.change(caller, id, input)
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@Param('id', ParseIntPipe) id: number): Promise<void> {
    return this.companies.delete(id)
  }
}
