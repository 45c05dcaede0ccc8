-- Ten votes in a second change one message once: what waits for an instance is not queued a second time.
-- Prisma's schema has no partial indexes; this one is known to src/outbox/outbox.service.ts.
CREATE UNIQUE INDEX "outbox_waiting_instance_key" ON "outbox"("instance_id", "kind") WHERE "state" = 'WAITING';
