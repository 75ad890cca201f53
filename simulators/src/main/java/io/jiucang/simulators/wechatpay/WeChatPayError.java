package io.jiucang.simulators.wechatpay;

/** An answer of WeChat Pay other than success, with its documented HTTP status and code. */
public final class WeChatPayError extends RuntimeException {

    private final int status;
    private final String code;

    WeChatPayError(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }
}
