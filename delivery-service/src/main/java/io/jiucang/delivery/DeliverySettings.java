package io.jiucang.delivery;

import io.jiucang.events.value.Money;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.time.ZoneId;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What delivery-service is told.
 *
 * @param secretFile what the database must not know, at least 32 bytes in Base64
 * @param carriersFile the carriers, their keys (each with its RFC 7638 thumbprint as kid) and couriers; read again
 *     whenever it changes
 * @param deliveryFee for each case, in fen
 * @param custodyFree how long custody costs nothing, from the day of title
 * @param custodyFee after that, for each case and started month, in fen
 * @param zone whose calendar years and months are those of the custody agreement
 */
@ConfigurationProperties("jiucang.delivery")
record DeliverySettings(
        Path secretFile,
        Path carriersFile,
        @DefaultValue("3000") long deliveryFee,
        @DefaultValue("1y") Period custodyFree,
        @DefaultValue("500") long custodyFee,
        @DefaultValue("Asia/Shanghai") ZoneId zone,
        @DefaultValue Periods periods,
        @DefaultValue Limits limits) {

    /**
     * How long a pickup waits for each step.
     *
     * @param authorisation for the owner's signature, password and envelope
     * @param lock for token-service to lock all tokens
     * @param acceptance for a courier
     * @param collection for the courier to come to the warehouse
     * @param delivery for the way to the door, all attempts together
     * @param returning for the way back
     * @param cancellation for the warehouse to say which cases it keeps back; it is only asked, so somebody has to look
     */
    record Periods(
            @DefaultValue("1d") Duration authorisation,
            @DefaultValue("10m") Duration lock,
            @DefaultValue("1d") Duration acceptance,
            @DefaultValue("3d") Duration collection,
            @DefaultValue("14d") Duration delivery,
            @DefaultValue("30d") Duration returning,
            @DefaultValue("1h") Duration cancellation) {}

    /**
     * @param attempts to hand over, before the cases go back
     * @param passwordTries wrong ones, before the pickup password is locked
     * @param passwordLock how long it then is
     */
    record Limits(
            @DefaultValue("3") int attempts,
            @DefaultValue("5") int passwordTries,
            @DefaultValue("15m") Duration passwordLock) {}

    Tariff tariff() {
        return new Tariff(Money.cny(deliveryFee), custodyFree, Money.cny(custodyFee), zone);
    }
}
