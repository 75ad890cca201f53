package io.jiucang.simulators.wechatpay;

import java.util.Map;

/** A notification as it travels: its {@code Wechatpay-*} headers and its body. */
public record SignedMessage(Map<String, String> headers, String body) {

    public SignedMessage {
        headers = Map.copyOf(headers);
    }
}
