package io.jiucang.simulators.wechatpay;

/** What an attacker does to a notification. */
public enum Tampering {
    /** Nothing: a resent notification. */
    NONE,
    /** Signed by a key that is not WeChat Pay's, under the id of the one that is. */
    FORGED,
    /** Signed by a key the merchant has never heard of, under its own id. */
    UNKNOWN_KEY,
    /** Changed after it was signed. */
    ALTERED,
    /** Rightly signed, six minutes ago. */
    STALE,
    /** Rightly signed, for the same merchant's other app. */
    OTHER_APP,
    /** Rightly signed, for another merchant who has the same key, as a careless operator might. */
    OTHER_MERCHANT
}
