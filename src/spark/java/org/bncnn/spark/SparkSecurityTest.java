package org.bncnn.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.rpc.RpcAddress;
import org.bncnn.data.DatasetLocator;
import org.bncnn.data.Shards;
import org.bncnn.store.JsonFile;
import org.bncnn.train.ClusterSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** Who may talk to Spark's ports. */
class SparkSecurityTest {
    private static final int MILLIS = 60_000;

    @TempDir
    private Path folder;

    @AfterEach
    void forget() {
        System.clearProperty("spark.authenticate");
    }

    @Test
    void threadsOfThisProcessTalkToNobodyWithoutTheSecret() throws Exception {
        System.setProperty("spark.authenticate", "false"); // holds for clusters only
        JsonFile.write(folder.resolve(Shards.LIST), Shards.write(DatasetLocator.sample(), 1, folder));
        try (SparkCluster cluster = new SparkCluster(on("local[1]"), folder.toString())) {
            assertThat(cluster.images()).isEqualTo(2000);
            SparkConf effective = SparkEnv.get().conf();
            assertThat(effective.get("spark.authenticate")).isEqualTo("true");
            assertThat(effective.get("spark.network.crypto.enabled")).isEqualTo("true");
            assertThat(effective.get("spark.ui.enabled")).isEqualTo("false");
            RpcAddress address = SparkEnv.get().rpcEnv().address();
            assertThat(address.host()).isEqualTo("127.0.0.1");
            try (TransportContext stranger = new TransportContext(
                            SparkTransportConf.fromSparkConf(new SparkConf(), "rpc", 1, Option.empty()),
                            new NoOpRpcHandler());
                    TransportClient client =
                            stranger.createClientFactory().createClient(address.host(), address.port())) {
                assertThatThrownBy(() -> client.sendRpcSync(ByteBuffer.wrap(new byte[] {1, 2, 3}), MILLIS))
                        .hasMessageContaining("org.apache.spark.network.crypto.AuthRpcHandler");
            }
        }
    }

    @Test
    void aStandaloneClusterWithoutASecretIsADecision() throws IOException {
        assertThatThrownBy(() -> SparkCluster.configuration(on("spark://host:7077")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "spark://host:7077: whoever reaches a cluster without a secret can run code on it");
        System.setProperty("spark.authenticate", "false");
        assertThat(SparkCluster.configuration(on("spark://host:7077")).get("spark.authenticate"))
                .isEqualTo("false");
    }

    private static ClusterSettings on(String master) {
        return ClusterSettings.on(master, 1);
    }
}
