package io.jiucang.payment;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** For each answer that the simulator signs rightly and that is no receipt, with the reason by which it is refused. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@ParameterizedTest
@CsvSource({
    "OTHER_MERCHANT, OTHER_PAYEE",
    "OTHER_APP, OTHER_APPID",
    "OTHER_NUMBER, OTHER_ORDER",
    "OTHER_ANSWER, OTHER_ORDER",
    "OTHER_CURRENCY, OTHER_CURRENCY",
    "NOTPAY, NOT_SUCCESS",
    "CLOSED, NOT_SUCCESS",
    "REFUND, NOT_SUCCESS",
    "NAME_TWICE, NOT_JSON",
    "UNKNOWN_MEMBER, NOT_A_TRANSACTION",
    "NOT_FOUND, UNKNOWN"
})
@interface EveryMixup {}
