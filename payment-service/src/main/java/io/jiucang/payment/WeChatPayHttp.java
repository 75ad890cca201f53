package io.jiucang.payment;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/** The connection to WeChat Pay, or to the simulator that plays it. */
final class WeChatPayHttp {

    private WeChatPayHttp() {}

    static OkHttpClient client(WeChatPaySettings settings) {
        var builder = new OkHttpClient.Builder()
                // WeChat Pay hangs up after eight idle seconds; we do so first.
                .connectionPool(new ConnectionPool(5, 7, TimeUnit.SECONDS))
                .callTimeout(settings.timeout())
                .connectTimeout(settings.timeout())
                .readTimeout(settings.timeout())
                .writeTimeout(settings.timeout())
                .addInterceptor(WeChatPayHttp::withHeadersAsTheLibraryReadsThem);
        URI baseUrl = settings.baseUrl();
        if (baseUrl != null) {
            builder.addInterceptor(chain -> chain.proceed(chain.request()
                    .newBuilder()
                    .url(redirected(chain.request().url(), baseUrl))
                    .build()));
        }
        return builder.build();
    }

    /** The signature covers path and query, so only these must stay. */
    private static HttpUrl redirected(HttpUrl url, URI baseUrl) {
        HttpUrl base = HttpUrl.get(baseUrl.toString());
        return url.newBuilder()
                .scheme(base.scheme())
                .host(base.host())
                .port(base.port())
                .build();
    }

    /** The library looks header names up by exact case, but HTTP/2 and some proxies hand them over in lower case. */
    private static Response withHeadersAsTheLibraryReadsThem(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        var builder = response.newBuilder();
        for (String name : List.of(
                "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Request-ID")) {
            String value = response.header(name);
            if (value != null) {
                builder.removeHeader(name).header(name, value);
            }
        }
        return builder.build();
    }
}
